import { computed, effect, signal } from '@preact/signals';

/** As the system has it, unless somebody has chosen. */
type Theme = 'system' | 'light' | 'dark';

const KEY = 'logplane-theme';

const theme = signal<Theme>(chosen());

const system = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(system.matches);
system.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches;
});

export const isDark = computed(() => (theme.value === 'system' ? systemIsDark.value : theme.value === 'dark'));

export const toggleTheme = (): void => {
  theme.value = isDark.value ? 'light' : 'dark';
};

/** The style sheet has the colours for both (tokens.css). */
export function showTheme(): void {
  effect(() => {
    if (theme.value === 'system') return;
    document.documentElement.dataset['theme'] = theme.value;
    localStorage.setItem(KEY, theme.value);
  });
}

function chosen(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
