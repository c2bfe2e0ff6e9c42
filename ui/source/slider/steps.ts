import { head, lookAt, offset } from '../model/cluster.ts';
import { marks } from './marks.ts';
import { nextChange } from './next-change.ts';
import { isPlaying, playFrom, stopPlaying } from './playback.ts';

/** What the keys and buttons of the slider do. */
export function step(what: 'change' | 'mark' | 'play' | 'live', by: 1 | -1): void {
  const wasPlaying = isPlaying.value;
  stopPlaying();
  if (what === 'play' && !wasPlaying) playFrom(offset.value);
  if (what === 'live') lookAt(undefined);
  if (what === 'play' || what === 'live') return;
  const to = what === 'change' ? nextChange(offset.value, by) : nextMark(offset.value, by);
  if (to !== undefined) lookAt(to >= head.value ? undefined : to);
}

function nextMark(from: number, by: 1 | -1): number | undefined {
  const offsets = marks.value.map((mark) => mark.offset);
  return by === 1 ? offsets.find((offset) => offset > from) : offsets.findLast((offset) => offset < from);
}
