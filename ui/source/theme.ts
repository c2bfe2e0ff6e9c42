import { effect, signal } from '@preact/signals';

/** As the system has it, unless somebody has chosen. */
type Theme = 'system' | 'light' | 'dark';

const KEY = 'logplane-theme';

export const theme = signal<Theme>((localStorage.getItem(KEY) as Theme | null) ?? 'system');

export const isDark = (): boolean => (theme.value === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme.value === 'dark');

export const toggleTheme = (): void => {
  theme.value = isDark() ? 'light' : 'dark';
};

export function showTheme(): void {
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme.value;
    if (theme.value === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme.value);
  });
}
