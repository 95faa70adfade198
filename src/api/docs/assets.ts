/** The style sheet of the pages. */
export const STYLE = `
:root { --back: #fff; --fore: #1c2430; --soft: #5b6675; --line: #e3e7ec; --tint: #f6f8fa; --mark: #0b62c4;
  color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-color-scheme: dark) {
  :root { --back: #11161d; --fore: #e3e8ee; --soft: #93a0af; --line: #2a333e; --tint: #19212b; --mark: #6db3ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--fore); display: grid; grid-template-columns: 18rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.5rem 1rem; border-right: 1px solid var(--line); font-size: .9rem; }
nav > a.name { font-weight: 700; font-size: 1.15rem; color: var(--fore); }
nav h2 { margin: 1.2rem 0 .2rem; font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); }
nav a { display: block; padding: .15rem .4rem; border-radius: .3rem; color: inherit; text-decoration: none; }
nav a:hover, nav a[aria-current] { background: var(--tint); color: var(--mark); }
nav input { width: 100%; margin-top: 1rem; padding: .35rem .5rem; font: inherit; border: 1px solid var(--line); border-radius: .3rem; background: var(--tint); color: inherit; }
main { padding: 2rem clamp(1rem, 4vw, 4rem) 6rem; max-width: 68rem; }
a { color: var(--mark); }
h1 { font-size: 1.9rem; line-height: 1.2; } h2 { margin-top: 2.5rem; } h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { padding: .9rem 1rem; overflow: auto; background: var(--tint); border: 1px solid var(--line); border-radius: .4rem; }
:not(pre) > code { background: var(--tint); padding: .1em .3em; border-radius: .25em; }
table { width: 100%; border-collapse: collapse; } th, td { padding: .45rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead td { font-weight: 600; } th { width: 16rem; font-weight: 400; } th em { display: block; font-size: .75rem; color: #c0392b; } small { color: var(--soft); }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: 0 1rem; } details[open] { padding-bottom: 1rem; }
summary { cursor: pointer; padding: .6rem 0; } summary span { color: var(--soft); } summary b { display: inline-block; width: 4rem; font-size: .8rem; }
.get { color: #0b7a4b; } .post { color: #0b62c4; } .put, .patch { color: #b06a00; } .delete { color: #c0392b; }
@media (prefers-color-scheme: dark) { .get { color: #4cc38a; } .post { color: #6db3ff; } .put, .patch { color: #f0b35e; } .delete, th em { color: #ff8b7e; } }
@media (max-width: 52rem) { body { display: block; } nav { position: static; height: auto; max-height: 50vh; border-right: 0; border-bottom: 1px solid var(--line); } th { width: auto; } }
`;

/** Opens the entry that a link points to, and filters the list of entries. The pages can be read without it. */
export const SCRIPT = `
const open = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === 'DETAILS') target.open = true;
  target?.scrollIntoView();
};
addEventListener('hashchange', open);
open();
document.getElementById('filter')?.addEventListener('input', ({ target }) => {
  const words = target.value.toLowerCase().split(/\\s+/);
  for (const link of document.querySelectorAll('nav [data-words]')) link.hidden = !words.every((word) => link.dataset.words.includes(word));
  for (const section of document.querySelectorAll('nav section')) section.hidden = !section.querySelector('a:not([hidden])');
});
`;
