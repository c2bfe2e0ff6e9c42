import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useReducer, useRef } from 'preact/hooks';

interface VirtualRowsProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** In CSS pixels. */
  readonly rowHeight: number;
  readonly label: string;
  /** Above the rows, and as wide. */
  readonly head?: ComponentChildren;
  readonly children: (item: T) => ComponentChildren;
  /** Enter, or a click. */
  readonly choose?: (item: T) => void;
}

/** A table of any length, of which only what is seen is made. Arrows, Home and End go through it; Enter opens. */
export function VirtualRows<T>({ items, keyOf, rowHeight, label, head, children, choose }: VirtualRowsProps<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const focused = useRef(0);
  const virtualizer = useMemo(
    () =>
      new Virtualizer<HTMLDivElement, HTMLElement>({
        count: 0,
        getScrollElement: () => scroller.current,
        estimateSize: () => rowHeight,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        overscan: 8,
        onChange: () => draw(undefined as never),
      }),
    [rowHeight],
  );
  virtualizer.setOptions({ ...virtualizer.options, count: items.length });
  useEffect(() => virtualizer._didMount(), [virtualizer]);
  useEffect(() => virtualizer._willUpdate());
  const goTo = (index: number) => {
    focused.current = Math.max(0, Math.min(items.length - 1, index));
    virtualizer.scrollToIndex(focused.current);
    draw(undefined as never);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${focused.current}"]`)?.focus());
  };
  const press = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12, Home: -items.length, End: items.length };
    const by = moves[event.key];
    if (by !== undefined) goTo(focused.current + by);
    else if (event.key === 'Enter' && choose && items[focused.current] && !(event.target as Element).closest('a, button')) choose(items[focused.current]!);
    else return;
    event.preventDefault();
  };
  if (focused.current >= items.length) focused.current = 0;
  const shown = virtualizer.getVirtualItems();
  return (
    <div class="rows" role="table" aria-label={label} aria-rowcount={items.length}>
      {head && (
        <div class="row head" role="row">
          {head}
        </div>
      )}
      <div
        class="scroller"
        role="rowgroup"
        ref={scroller}
        onKeyDown={press}
        style={{ height: `min(${items.length * rowHeight + 2}px, var(--rows-most, 60vh))` }}
      >
        <div class="all" role="none" style={{ height: `${virtualizer.getTotalSize()}px` }}>
          {shown.map(({ index, start }) => {
            const item = items[index];
            return (
              item !== undefined && (
                // biome-ignore lint/a11y/useKeyWithClickEvents: Enter opens it, which the scroller takes for all rows
                <div
                  key={keyOf(item)}
                  class={choose ? 'row link' : 'row'}
                  role="row"
                  data-index={index}
                  aria-rowindex={index + 1}
                  tabIndex={index === focused.current ? 0 : -1}
                  style={{ transform: `translateY(${start}px)`, height: `${rowHeight}px` }}
                  onFocus={() => (focused.current = index)}
                  onClick={(event) => choose && !(event.target as Element).closest('a, button') && choose(item)}
                >
                  {children(item)}
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
