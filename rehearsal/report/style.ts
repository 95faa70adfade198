const LIGHT = `
--page:#fff;--raised:#f6f8fa;--line:#d1d9e0;--ink:#1f2328;--soft:#59636e;--blue:#0969da;--green:#1a7f37;--good:#1a7f37;--bad:#cf222e;
--warn:#9a6700;--odd:#8250df;--shade:#cf222e14;--band:#afb8c126`;
const DARK = `
--page:#0d1117;--raised:#151b23;--line:#3d444d;--ink:#f0f6fc;--soft:#9198a1;--blue:#4493f8;--green:#3fb950;--good:#3fb950;--bad:#f85149;
--warn:#d29922;--odd:#ab7df8;--shade:#f851491f;--band:#6e768126`;

const PAGE = `
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem clamp(.75rem,3vw,2.5rem) 3rem;max-width:110rem;background:var(--page);color:var(--ink);
font:15px/1.45 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.3rem 0}
h2{font-size:1.2rem;margin:2rem 0 .6rem}
h3{font-size:.95rem;margin:0;display:inline}
a{color:var(--blue)}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
small,.soft{color:var(--soft);font-weight:400}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.badge{display:inline-block;padding:.1rem .7rem;border-radius:1rem;border:1px solid currentColor;font-weight:600}
ul.plain,ol.plain{list-style:none;margin:0;padding:0}
.verdicts li{padding:.25rem 0 .25rem 1.6rem;text-indent:-1.6rem;border-top:1px solid var(--line)}
.verdicts b{display:inline-block;width:1.6rem;text-indent:0}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.6rem 1.2rem;margin:1rem 0}
dt{color:var(--soft);font-size:.85rem}dd{margin:0;font-weight:600}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th{text-align:left;position:sticky;top:0;background:var(--raised)}
th,td{padding:.2rem .6rem;overflow-wrap:normal;vertical-align:top;border-bottom:1px solid var(--line)}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.scroll{overflow:auto;max-height:75vh;border:1px solid var(--line);border-radius:.4rem}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;background:var(--page)}
summary{padding:.4rem .7rem;cursor:pointer;background:var(--raised);border-radius:.4rem}
details>.scroll{border:0;max-height:32rem}
@media (max-width:40rem){body{font-size:14px}th,td{padding:.2rem .4rem}}
@media print{.scroll{max-height:none;overflow:visible}}`;

const TIMELINE = `
.timeline{position:relative}
.bands,.lane,.axis{position:relative;height:1.5rem;list-style:none;margin:0;padding:0}
.bands li{position:absolute;top:0;bottom:0;overflow:hidden;white-space:nowrap;font-size:.72rem;line-height:1.5rem;padding-left:.2rem;
border-left:1px solid var(--soft);background:var(--band)}
.bands li.bad{border-bottom:3px solid var(--bad)}
.lane{border-top:1px solid var(--line)}
.lane{height:2.3rem;padding-top:.9rem}
.lane>span{position:absolute;left:0;top:0;font-size:.7rem;line-height:1rem;color:var(--soft)}
.lane a{position:absolute;transform:translateX(-50%);line-height:1.5rem;padding:0 .1rem;text-decoration:none;color:var(--ink);z-index:1}
.lane a.good{color:var(--good)}.lane a.bad{color:var(--bad)}
.lane i{position:absolute;height:1.2rem;margin-top:.15rem;font:.72rem/1.2rem system-ui;overflow:hidden;white-space:nowrap;padding-left:.9rem;color:var(--bad);
border:1px dashed var(--bad);background:var(--shade)}
.axis span{position:absolute;transform:translateX(-50%);font-size:.75rem;color:var(--soft);white-space:nowrap}
.panel{margin:.7rem 0 0}
figcaption{display:flex;flex-wrap:wrap;gap:.1rem 1rem;align-items:baseline}
.legend{display:flex;flex-wrap:wrap;gap:0 1rem;list-style:none;margin:0;padding:0;font-size:.8rem;color:var(--soft)}
.legend svg{width:1.6rem;height:.7rem;margin-right:.3rem}
.plot{position:relative;border-bottom:1px solid var(--line);border-top:1px solid var(--line)}
.plot>svg{display:block;width:100%}
.plot>span{position:absolute;left:.2rem;transform:translateY(-50%);font-size:.7rem;line-height:1;color:var(--soft);background:var(--page);padding:0 .15rem;
border-radius:.2rem}
.plot>.nothing{left:50%;top:50%;transform:translate(-50%,-50%);font-size:.8rem}
.cursor{position:absolute;top:0;bottom:0;width:0;border-left:1px solid var(--ink);pointer-events:none;z-index:2}
.readout{position:sticky;top:0;z-index:3;background:var(--raised);border:1px solid var(--line);border-radius:.4rem;padding:.3rem .7rem;font-size:.85rem;
min-height:3.6em;margin-bottom:.6rem;font-variant-numeric:tabular-nums}
.readout input{display:block;width:100%;margin:.1rem 0}
[hidden]{display:none}
@media (min-width:60rem){.timeline{margin-left:5rem}.lane{height:1.5rem;padding:0}.lane>span{left:-5rem;line-height:1.5rem}
.plot>span{left:auto;right:100%;margin-right:.3rem;background:none}.plot>.nothing{right:auto}}`;

/** Strokes keep their width, however much a chart is stretched. */
const SHAPES = `
.plot svg *,.legend svg *{vector-effect:non-scaling-stroke}
.l{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
.thin{stroke-width:1}.dash{stroke-dasharray:6 4}.dots{stroke-dasharray:1 4;stroke-width:2.4}
.s-blue{stroke:var(--blue)}.s-green{stroke:var(--green)}.s-ink{stroke:var(--ink)}.s-warn{stroke:var(--warn)}.s-odd{stroke:var(--odd)}
.f-blue{fill:var(--blue);fill-opacity:.3}.f-green{fill:var(--green);fill-opacity:.3}.f-bad{fill:var(--bad)}.f-soft{fill:var(--soft);fill-opacity:.25}
.f-bad1{fill:var(--bad);fill-opacity:.55}.f-bad2{fill:var(--bad);fill-opacity:.3}
.h-green{fill:url(#hatch-green)}.h-bad{fill:url(#hatch-bad)}.h-soft{fill:url(#hatch-soft)}
.grid{stroke:var(--line);stroke-width:1}.shade{fill:var(--shade)}.band{fill:var(--band)}
.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}.mark.bad{stroke:var(--bad);stroke-dasharray:none}.mark.good{stroke:var(--good)}`;

const LISTS = `
.both{display:grid;gap:0 2rem}
@media (min-width:80rem){.both{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
fieldset{border:1px solid var(--line);border-radius:.4rem;margin:0 0 .6rem;display:flex;flex-wrap:wrap;gap:.2rem 1rem}
fieldset label{white-space:nowrap;padding:.15rem 0}
.events td:last-child,.log td:last-child{overflow-wrap:anywhere}
.events tr:target td{background:var(--band)}
.events .facts,.log .facts{color:var(--soft)}
.log{font:.78rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.log td{unicode-bidi:isolate}
.dot{display:inline-block;min-width:3.6rem;padding:0 .4rem;border-radius:.3rem;border:2px solid;font-weight:600;font-size:.85rem;text-align:center}
.dot.blue{border-color:var(--blue)}.dot.green{border-color:var(--green);border-style:dashed}`;

/** The style of the pages, for light and dark, for a phone and a wide screen. `more` is added to it. */
export function styleOf(more = ''): string {
  return `:root{color-scheme:light dark;${LIGHT}}@media (prefers-color-scheme:dark){:root{${DARK}}}${PAGE}${TIMELINE}${SHAPES}${LISTS}${more}`;
}
