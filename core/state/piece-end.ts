import { crc32 } from 'node:zlib';

/**
 * Whether a stretch of objects in the order of their keys ends with this one, when it has `size` characters of text with it. That is a matter of the object's own key and
 * size: a change moves no border but its own, and leaves all other stretches as they are.
 */
export const endsPiece = (path: string, { length }: string, size: number): boolean =>
  size >= MIN_TEXT && (chanceOf(path) < length / MEAN_MORE || size >= MAX_TEXT);

/** A number from 0 to 1 that a key always has, and that says nothing about its neighbours'. */
const chanceOf = (path: string): number => (Math.imul(crc32(path), 0x9e3779b1) >>> 0) / 2 ** 32;

/** A stretch has so much text at least, so much more on average (of what is behind the minimum, an object's share in that is the chance that it ends with it), and so much at most. */
const MIN_TEXT = 64 * 1024;
const MEAN_MORE = 64 * 1024;
const MAX_TEXT = 512 * 1024;
