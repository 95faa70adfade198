/** All control characters but tab and the ends of lines, and two that are none at all: https://www.w3.org/TR/xml/#charsets allows none of them. */
const CONTROL = /[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu;
const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML, SVG and XML: between tags, and in attributes in quotes. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(CONTROL, '')
    .replace(/[&<>"']/g, (sign) => SIGNS[sign]!);
}
