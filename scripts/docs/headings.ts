/** The anchor of a heading, as GitHub makes it, so that the same links work there and on the site. Of headings alike the second has `-1` behind it. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/** The anchors of a page of Markdown. */
export function anchorsIn(markdown: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of withoutFences(markdown).matchAll(/^#{1,6} (.+?)\s*$/gm)) {
    const anchor = anchorOf(plain(heading!));
    let unique = anchor;
    for (let i = 1; found.has(unique); i++) unique = `${anchor}-${i}`;
    found.add(unique);
  }
  return found;
}

/** Markdown with its fenced blocks left empty. */
export const withoutFences = (markdown: string): string => markdown.replace(/^(```+).*\n[\s\S]*?^\1[ \t]*$/gm, '$1\n$1');

const plain = (heading: string): string => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
