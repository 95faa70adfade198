/** All control characters but tab and the ends of lines; XML allows none of them. */
const CONTROL = /[^\P{Cc}\t\n\r]/gu;
const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML, SVG and XML: between tags, and in attributes in quotes. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(CONTROL, '')
    .replace(/[&<>"']/g, (sign) => SIGNS[sign]!);
}
