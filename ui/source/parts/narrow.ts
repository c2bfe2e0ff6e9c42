import { signal } from '@preact/signals';

const media = matchMedia('(max-width: 640px)');

/** Whether there is as little room as on a telephone, as the style sheets have it. */
export const isNarrow = signal(media.matches);
media.addEventListener('change', ({ matches }) => {
  isNarrow.value = matches;
});
