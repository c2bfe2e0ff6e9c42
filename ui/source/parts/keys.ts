import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { go } from '../route.ts';
import { step } from '../slider/steps.ts';
import { toggleTheme } from '../theme.ts';
import { views } from '../views/registry.ts';

export const isHelpOpen = signal(false);

/** What keys do, wherever the focus is; as the help tells. */
export const KEYS: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: '/', does: 'search what is shown' },
  { keys: '[ and ]', does: 'a change back, a change on' },
  { keys: '{ and }', does: 'to the mark before, to the next one' },
  { keys: 'space', does: 'play, or stop' },
  { keys: 'l', does: 'back to now' },
  { keys: 'arrows', does: 'through a table, the pods and the marks; Enter opens' },
  ...views.map(({ key, title }) => ({ keys: `g ${key}`, does: `go to: ${title}` })),
  { keys: 't', does: 'light or dark' },
  { keys: '?', does: 'this help' },
];

/** Takes the keys of the page for as long as it is shown. What is typed into a field is text. */
export function useKeys(): void {
  useEffect(() => {
    let isGoing = false;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { target, key } = event;
      if (target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return;
      if (document.querySelector('dialog[open]')) return;
      const next = isGoing && views.find((view) => view.key === key);
      isGoing = key === 'g';
      if (next) go({ view: next.name });
      else if (!actions[key] || (key === ' ' && target instanceof Element && target.closest('button, a, summary, [role=slider]'))) return;
      else actions[key]();
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

const actions: Readonly<Record<string, () => void>> = {
  '/': () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus(),
  '?': () => {
    isHelpOpen.value = true;
  },
  '[': () => step('change', -1),
  ']': () => step('change', 1),
  '{': () => step('mark', -1),
  '}': () => step('mark', 1),
  ' ': () => step('play', 1),
  l: () => step('live', 1),
  t: toggleTheme,
};
