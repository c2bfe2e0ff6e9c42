import { Failed } from '../outcome.ts';

/** `a=b,c=d` (kubectl's ParseLabels). Undefined: none are given. */
export function labelsOf(text: string | undefined): Record<string, string> | undefined {
  if (!text) return undefined;
  return Object.fromEntries(
    text.split(',').map((label) => {
      const [key, value, more] = label.split('=');
      if (value === undefined || more !== undefined) throw new Failed(`error: unexpected label spec: ${label}`);
      if (!key) throw new Failed('error: unexpected empty label key');
      return [key, value];
    }),
  );
}
