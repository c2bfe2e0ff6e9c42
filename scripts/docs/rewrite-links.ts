import path from 'node:path';

/**
 * The Markdown of a file of the repository with its links to other files as links between pages of the site. Throws where a link leads to a file that
 * is no page.
 */
export function rewriteLinks(markdown: string, file: string, pageOf: (file: string) => string | undefined): string {
  return outsideCode(markdown, (text) =>
    text.replace(/\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)/g, (_, target: string, anchor = '') => {
      const found = path.posix.normalize(path.posix.join(path.posix.dirname(file), target)).replace(/\/$/, '');
      const page = pageOf(found);
      if (!page) throw new Error(`${file} links to ${target}, which is no page of the site`);
      return `](/${page}${anchor})`;
    }),
  );
}

/** What stands in code stays as it is. */
export const outsideCode = (markdown: string, change: (text: string) => string): string =>
  markdown
    .split(/(^```[\s\S]*?^```[ \t]*$|`[^`\n]*`(?!\]))/m)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join('');
