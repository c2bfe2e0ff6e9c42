import { computed, signal } from '@preact/signals';

/** What is looked for in what is shown. */
export const search = signal('');

const words = computed(() => search.value.toLowerCase().split(/\s+/).filter(Boolean));

/** Whether each word that is looked for stands in one of these texts. */
export function isFound(...texts: readonly (string | undefined)[]): boolean {
  if (words.value.length === 0) return true;
  const whole = texts.join(' ').toLowerCase();
  return words.value.every((word) => whole.includes(word));
}
