import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sourcePages } from '../../scripts/docs/pages.ts';

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Its first line, in the file. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const root = path.resolve(import.meta.dirname, '../..');

/** All fenced blocks of the pages of the site, in their order. */
export const blocks: readonly Block[] = sourcePages().flatMap((page) => {
  const markdown = readFileSync(path.join(root, page), 'utf8');
  return [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language, 2: text }) => ({
    page,
    line: markdown.slice(0, index).split('\n').length,
    language: language!,
    text: text!,
  }));
});

export const isCommands = ({ language }: Block): boolean => language === 'sh' || language === 'console';
