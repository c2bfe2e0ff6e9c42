import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Asked, decodedReview, responseIn } from './admission-response.ts';

/** What kube-apiserver's client and checks make of answers, recorded from its own code (scripts/webhook-goldens). */

const UID = '705ab4f5-6393-11e8-b7cc-42010a800002';

interface Recorded {
  readonly version: Asked['version'];
  readonly body: string;
  /** Why there is no review. */
  readonly failed?: string;
  /** What it says, or why it is none. */
  readonly mutating?: Said | string;
  readonly validating?: Said | string;
}

type Said = Readonly<Record<'allowed' | 'patch' | 'patchType' | 'status' | 'warnings' | 'auditAnnotations', unknown>>;

const recorded = readFileSync(new URL('testdata/answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

it.each(recorded)('$version $body', ({ version, body, failed, mutating, validating }) => {
  const value: unknown = JSON.parse(body.replaceAll('UID', UID));
  if (failed !== undefined) {
    expect(() => decodedReview(value, { version })).toThrow(new Error(failed));
    return;
  }
  const review = decodedReview(value, { version });
  for (const [mutates, want] of [
    [true, mutating],
    [false, validating],
  ] as const) {
    const read = () => responseIn(review, { uid: UID, version, mutates });
    if (typeof want === 'string') expect(read).toThrow(new Error(want));
    else expect(said(read())).toEqual({ ...want, warnings: want!.warnings ?? [], auditAnnotations: want!.auditAnnotations ?? {} });
  }
});

const said = ({ allowed, patch, status, warnings, auditAnnotations }: ReturnType<typeof responseIn>): Said => ({
  allowed,
  patch: patch?.text ?? '',
  patchType: patch?.type ?? '',
  status: status ?? null,
  warnings,
  auditAnnotations,
});
