import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { AuditEvent } from '../core/api/audit/event.ts';
import { AuditFile, type AuditFileOptions } from './audit-file.ts';

const event = (auditID: string): AuditEvent => ({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID,
  stage: 'ResponseComplete',
  requestURI: '/',
  verb: 'get',
  user: {},
  requestReceivedTimestamp: '',
  stageTimestamp: '',
});

const LINE = JSON.stringify(event('1')).length + 1;

function auditFile(options: Partial<AuditFileOptions> = {}) {
  const dir = mkdtempSync(path.join(tmpdir(), 'logplane-audit-'));
  const file = path.join(dir, 'audit.log');
  const problems: unknown[] = [];
  const log = new AuditFile({ file, maxBytes: 1_000_000, maxBackups: 0, maxAgeDays: 0, problem: (message) => problems.push(message), ...options });
  const idsIn = (name: string) =>
    readFileSync(path.join(dir, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).auditID);
  return { dir, file, log, problems, idsIn };
}

it('appends a line an event, in their order, for its owner alone', async () => {
  const { file, log, idsIn } = auditFile();
  for (const id of ['1', '2']) log.write(event(id));
  await log.close();
  log.write(event('3'));
  await log.close();
  expect(idsIn('audit.log')).toEqual(['1', '2', '3']);
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});

it('begins another file when one is full, goes on with the one that is there, and keeps as many as it is told', async () => {
  let now = Date.parse('2026-11-23T10:00:00Z');
  const { dir, file, log, idsIn } = auditFile({ maxBytes: 2 * LINE, maxBackups: 2, now: () => now });
  writeFileSync(path.join(dir, 'audit-other.log'), '');
  for (const id of ['1', '2', '3', '4', '5']) log.write(event(id));
  await log.close();
  expect(readdirSync(dir).sort()).toEqual(['audit-2026-11-23T10-00-00.000.log', 'audit-2026-11-23T10-00-00.001.log', 'audit-other.log', 'audit.log']);
  expect([idsIn('audit-2026-11-23T10-00-00.000.log'), idsIn('audit.log')]).toEqual([['1', '2'], ['5']]);
  const next = new AuditFile({ file, maxBytes: 2 * LINE, maxBackups: 2, maxAgeDays: 0, problem: () => undefined, now: () => now });
  now += 60_000;
  for (const id of ['6', '7']) next.write(event(id));
  await next.close();
  expect(readdirSync(dir).sort()).toEqual(['audit-2026-11-23T10-00-00.001.log', 'audit-2026-11-23T10-01-00.000.log', 'audit-other.log', 'audit.log']);
  expect(idsIn('audit-2026-11-23T10-01-00.000.log')).toEqual(['5', '6']);
});

it('keeps old files no longer than it is told', async () => {
  let now = Date.parse('2026-11-23T10:00:00Z');
  const { dir, log } = auditFile({ maxBytes: LINE, maxAgeDays: 1, now: () => now });
  for (const day of [0, 0.5, 1.2]) {
    now = Date.parse('2026-11-23T10:00:00Z') + day * 24 * 3600 * 1000;
    log.write(event('1'));
    await log.close();
  }
  log.write(event('1'));
  await log.close();
  // Each was renamed when the next came.
  expect(readdirSync(dir).sort()).toEqual([
    'audit-2026-11-23T22-00-00.000.log',
    'audit-2026-11-24T14-48-00.000.log',
    'audit-2026-11-24T14-48-00.001.log',
    'audit.log',
  ]);
});

it('writes what is larger than a file may be into one of its own', async () => {
  const { log, idsIn } = auditFile({ maxBytes: 10 });
  log.write(event('1'));
  await log.close();
  expect(idsIn('audit.log')).toEqual(['1']);
});

it('tells once of what it cannot write, loses it, and goes on', async () => {
  const { dir, file, log, problems, idsIn } = auditFile();
  mkdirSync(file);
  for (const id of ['1', '2']) {
    log.write(event(id));
    await log.close();
  }
  expect(problems).toEqual(['audit events cannot be written']);
  rmSync(file, { recursive: true });
  chmodSync(dir, 0o700);
  log.write(event('3'));
  await log.close();
  expect(idsIn('audit.log')).toEqual(['3']);
});

it('holds on to no more than it may', async () => {
  const { log, problems } = auditFile();
  const large = { ...event('1'), requestObject: 'x'.repeat(20 * 1024 ** 2) };
  for (let i = 0; i < 5; i++) log.write(large);
  expect(problems).toEqual(['audit events are lost: they come faster than they can be written']);
  await log.close();
});
