import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificateRequestOf } from './certificate-request.ts';

/** What Go said (scripts/x509-goldens). */
interface Recorded {
  readonly name: string;
  /** PEM in base64. */
  readonly request: string;
  readonly error?: string;
  readonly commonName?: string;
  readonly organization?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly emailAddresses?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
}

const recorded: Recorded[] = readFileSync(path.join(import.meta.dirname, 'testdata/requests.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

describe('a request for a certificate', () => {
  it('is read as Go reads it', () => {
    const good = recorded.filter(({ error }) => error === undefined);
    expect(good.length).toBeGreaterThan(10);
    for (const { name, request, commonName = '', organization = [], dnsNames = [], emailAddresses = [], ipAddresses = [], uris = [] } of good) {
      const read = certificateRequestOf(request);
      expect(read, name).toMatchObject({ subject: { commonName, organization }, dnsNames, emailAddresses, uris });
      expect(read.ipAddresses.length, name).toBe(ipAddresses.length);
      expect(read.signatureProblem(), name).toBeUndefined();
    }
  });

  it('is refused in the words of Go', () => {
    const bad = recorded.filter(({ error }) => error !== undefined);
    expect(bad.length).toBeGreaterThan(200);
    expect(bad.map(({ name, request }) => ({ name, error: problemOf(request) }))).toEqual(bad.map(({ name, error }) => ({ name, error })));
  });
});

function problemOf(request: string): string | undefined {
  try {
    return certificateRequestOf(request).signatureProblem();
  } catch (error) {
    return (error as Error).message;
  }
}
