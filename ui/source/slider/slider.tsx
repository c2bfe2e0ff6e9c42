import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { at, atHand, begin, head, isPast, lookAt, offset, version } from '../model/cluster.ts';
import { go } from '../route.ts';
import { isPlaying, SPEEDS, speed, stopPlaying } from './playback.ts';
import { ShownMarks } from './shown-marks.tsx';
import { step } from './steps.ts';
import { dateText, density, timeAt } from './times.ts';

/** Whether the whole log is shown, or what is at hand alone. */
const isWhole = signal(false);

/** Goes through the cluster's past: drag, and the whole page shows it as it was. */
export function Slider() {
  void version.value;
  const hand = atHand();
  const to = head.value;
  const oldest = isWhole.value || isOutside(hand?.from) ? begin.value : (hand?.from ?? 1);
  // Where only the newest is at hand, that is the end of the line, and not its beginning.
  const from = Math.max(Math.min(oldest, to - 1), 1);
  const time = timeAt(offset.value);
  return (
    <section class={isPast.value ? 'slider past' : 'slider'} aria-label="The past">
      <div class="buttons">
        <button type="button" onClick={() => step('mark', -1)} aria-label="To the mark before" title="To the mark before ({)">
          <Glyph d="M3 3h2v10H3zM13 3v10L6 8z" />
        </button>
        <button type="button" onClick={() => step('change', -1)} aria-label="A change back" title="A change back ([)">
          <Glyph d="M11 3v10L4 8z" />
        </button>
        <button
          type="button"
          onClick={() => step('play', 1)}
          aria-pressed={isPlaying.value}
          aria-label={isPlaying.value ? 'Stop' : 'Play'}
          title="Play from here (space)"
        >
          <Glyph d={isPlaying.value ? 'M4 3h3v10H4zM9 3h3v10H9z' : 'M4 2.5v11L13 8z'} />
        </button>
        <button type="button" onClick={() => step('change', 1)} aria-label="A change on" title="A change on (])">
          <Glyph d="M5 3v10l7-5z" />
        </button>
        <button type="button" onClick={() => step('mark', 1)} aria-label="To the next mark" title="To the next mark (})">
          <Glyph d="M11 3h2v10h-2zM3 3v10l7-5z" />
        </button>
        <select aria-label="How fast it is played" value={speed.value} onChange={({ currentTarget }) => (speed.value = Number(currentTarget.value))}>
          {SPEEDS.map((times) => (
            <option key={times} value={times}>
              ×{times}
            </option>
          ))}
        </select>
      </div>
      <div class="track">
        <Density from={from} to={to} />
        <ShownMarks from={from} to={to} />
        <input
          type="range"
          min={from}
          max={Math.max(to, from + 1)}
          step="1"
          value={offset.value}
          aria-label="Offset in the log"
          aria-valuetext={`${offset.value}, ${Number.isNaN(time) ? '' : dateText(time)}${isPast.value ? '' : ', now'}`}
          onInput={({ currentTarget }) => {
            stopPlaying();
            const value = Number(currentTarget.value);
            lookAt(value >= to ? undefined : value);
          }}
        />
      </div>
      <div class="when">
        <output>
          <b>{offset.value}</b> <span>{Number.isNaN(time) ? '' : dateText(time)}</span>
        </output>
        <button type="button" disabled={!isPast.value} onClick={() => step('live', 1)} title="Back to now (l)">
          Now
        </button>
        <button type="button" aria-pressed={isWhole.value} onClick={() => (isWhole.value = !isWhole.value)} title="The whole log, or the newest of it">
          All
        </button>
        <button
          type="button"
          class="wide"
          onClick={() => go({ view: 'compare', query: { with: String(offset.value) } })}
          title="Compare another moment with this one"
        >
          Compare
        </button>
      </div>
    </section>
  );
}

/** Drawn, as not every font has them. */
const Glyph = ({ d }: { readonly d: string }) => (
  <svg class="glyph" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
    <path d={d} />
  </svg>
);

/** Whether one looks at something older than what is shown otherwise. */
const isOutside = (from: number | undefined): boolean => at.value !== undefined && (from === undefined || at.value < from);

interface Stretch {
  readonly from: number;
  readonly to: number;
}

const PARTS = 160;

/** Where much happened. */
function Density({ from, to }: Stretch) {
  const every = Math.floor(version.value / 8);
  const path = useMemo(() => {
    const counts = density(PARTS, from, to);
    const most = Math.max(1, ...counts);
    return [...counts].map((count, i) => (count === 0 ? '' : `M${i} 20h.8v-${((Math.log1p(count) / Math.log1p(most)) * 18).toFixed(1)}h-.8z`)).join('');
  }, [from, to, every]);
  return (
    <svg class="density" viewBox={`0 0 ${PARTS} 20`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
