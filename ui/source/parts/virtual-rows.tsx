import { defaultRangeExtractor, elementScroll, observeElementOffset, observeElementRect, type Range, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { isNarrow } from './narrow.ts';

export interface Column<T> {
  readonly title: string;
  /** Of the style sheet: how wide it is. */
  readonly style: string;
  /** How it looks besides, for what it says. */
  readonly tone?: (item: T) => string;
  readonly cell: (item: T) => ComponentChildren;
  /** The whole of what may be cut, for who points at it. */
  readonly tip?: (item: T) => string | undefined;
}

interface VirtualRowsProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** The first one names the row. */
  readonly columns: readonly Column<T>[];
  /** In CSS pixels. */
  readonly rowHeight: number;
  /** Where there is little room: the name stands on a line of its own, and the rest below it. None: as everywhere. */
  readonly narrowHeight?: number;
  readonly label: string;
  /** The titles of the columns are for those who cannot see that what is in them needs none. */
  readonly isHeadless?: boolean;
  /** Enter, or a click. */
  readonly choose?: (item: T) => void;
  /** Of which more is shown beside the table. */
  readonly isChosen?: (item: T) => boolean;
}

/** A table of any length, of which only what is seen is made. Arrows, Home and End go through it; Enter opens. */
export function VirtualRows<T>({ items, keyOf, columns, rowHeight, narrowHeight, label, isHeadless = false, choose, isChosen }: VirtualRowsProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  /** The one that Tab leads to: it is made wherever one has scrolled to, so that the focus is not lost. */
  const current = useRef(0);
  const goes = useRef(false);
  const isStacked = narrowHeight !== undefined && isNarrow.value;
  const height = isStacked ? narrowHeight : rowHeight;
  const virtualizer = useMemo(
    () =>
      new Virtualizer<HTMLDivElement, HTMLElement>({
        count: 0,
        getScrollElement: () => scroller.current,
        estimateSize: () => height,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        overscan: 8,
        onChange: () => draw(undefined as never),
      }),
    [height],
  );
  if (current.current >= items.length) current.current = 0;
  const kept = current.current;
  const rangeExtractor = (range: Range) => [...new Set([...defaultRangeExtractor(range), kept])].sort((a, b) => a - b);
  virtualizer.setOptions({ ...virtualizer.options, count: items.length, rangeExtractor });
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => {
    if (!goes.current) return;
    goes.current = false;
    scroller.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  });
  const goTo = (index: number) => {
    current.current = Math.max(0, Math.min(items.length - 1, index));
    goes.current = true;
    virtualizer.scrollToIndex(current.current);
    draw(undefined as never);
  };
  const press = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12, Home: -items.length, End: items.length };
    const by = moves[event.key];
    const item = items[current.current];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (by !== undefined) goTo(current.current + by);
    else if (event.key === 'Enter' && choose && item && !isOwn(event)) choose(item);
    else return;
    event.preventDefault();
  };
  return (
    <div class={isStacked ? 'rows stacked' : 'rows'} role="table" aria-label={label} aria-rowcount={items.length + 1}>
      <div class={isHeadless || isStacked ? 'row head unseen' : 'row head'} role="row" aria-rowindex={1}>
        {columns.map(({ title, style }) => (
          <span key={title} role="columnheader" class={style}>
            {title}
          </span>
        ))}
      </div>
      <div class="scroller" role="rowgroup" ref={scroller} onKeyDown={press} style={{ height: `min(${items.length * height + 2}px, var(--rows-most, 60vh))` }}>
        <div class="all" role="none" style={{ height: `${virtualizer.getTotalSize()}px` }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            return (
              item !== undefined && (
                // biome-ignore lint/a11y/useKeyWithClickEvents: Enter opens it, which the scroller takes for all rows
                <div
                  key={keyOf(item)}
                  class={`row ${choose ? 'link' : ''} ${isChosen?.(item) ? 'chosen' : ''}`}
                  role="row"
                  aria-current={isChosen?.(item) ? 'true' : undefined}
                  aria-rowindex={index + 2}
                  tabIndex={index === current.current ? 0 : -1}
                  style={{ transform: `translateY(${start}px)`, height: `${height}px` }}
                  onFocus={() => {
                    if (current.current === index) return;
                    current.current = index;
                    draw(undefined as never);
                  }}
                  onClick={(event) => choose && !isOwn(event) && choose(item)}
                >
                  {columns.map(({ title, style, tone, cell, tip }, i) => (
                    <span
                      key={title}
                      role={i === 0 ? 'rowheader' : 'cell'}
                      class={tone ? `${style} ${tone(item)}` : style}
                      data-title={title}
                      title={tip?.(item)}
                    >
                      {cell(item)}
                    </span>
                  ))}
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Whether it is meant for what stands in the row. */
const isOwn = ({ target }: Event): boolean => (target as Element).closest('a, button') !== null;
