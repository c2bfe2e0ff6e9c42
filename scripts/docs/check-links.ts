import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What is wrong with the links of a built site: each to a page, file or anchor of it that is not there. Links to elsewhere are not followed. */
export function brokenLinks(dist: string, base = '/'): string[] {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  const html = new Map(files.filter((file) => file.endsWith('.html')).map((file) => [file, readFileSync(path.join(dist, file), 'utf8')]));
  const anchors = new Map([...html].map(([file, text]) => [file, new Set([...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => decoded(id!)))]));
  const all = new Set(files);
  return [...html].flatMap(([file, text]) =>
    [...new Set([...text.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link]) => decoded(link!)))].flatMap((link) => {
      if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return [];
      const { pathname, hash } = new URL(link, `https://site${base}${file}`);
      const target = targetOf(decodeURIComponent(pathname.slice(base.length)), all);
      if (target === undefined) return [`${file}: ${link} is not there`];
      const anchor = decodeURIComponent(hash.slice(1));
      return anchor && anchors.get(target)?.has(anchor) === false ? [`${file}: ${link} has no such heading`] : [];
    }),
  );
}

const targetOf = (place: string, files: ReadonlySet<string>): string | undefined =>
  [place, `${place}.html`, path.posix.join(place, 'index.html')].find((file) => files.has(file));

const decoded = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
