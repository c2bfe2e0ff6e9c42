import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface TabsProps {
  readonly tabs: readonly { readonly name: string; readonly title: string }[];
  readonly selected: string;
  readonly select: (name: string) => void;
  readonly label: string;
  readonly children: ComponentChildren;
}

/** Tabs, with the keys of the pattern (ARIA Authoring Practices, "Tabs"): arrows, Home and End. */
export function Tabs({ tabs, selected, select, label, children }: TabsProps) {
  const id = useId();
  const press = (event: KeyboardEvent) => {
    const index = tabs.findIndex(({ name }) => name === selected);
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length]!.name;
    select(next);
    (event.currentTarget as Element).querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label={label} class="tabs" onKeyDown={press}>
        {tabs.map(({ name, title }) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            data-tab={name}
            aria-selected={name === selected}
            aria-controls={`${id}-panel`}
            tabIndex={name === selected ? 0 : -1}
            onClick={() => select(name)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${selected}`} class="tab">
        {children}
      </div>
    </>
  );
}
