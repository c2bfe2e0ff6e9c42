import { signal } from '@preact/signals';

/** The manifests that a plan is asked for, as text; what other views put there, and what is typed. */
export const draft = signal('');
