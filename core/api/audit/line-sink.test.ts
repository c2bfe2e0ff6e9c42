import { expect, it } from 'vitest';
import type { AuditEvent } from './event.ts';
import { lineSink } from './line-sink.ts';

const event: AuditEvent = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'RequestResponse',
  auditID: 'a',
  stage: 'ResponseComplete',
  requestURI: '/',
  verb: 'create',
  user: {},
  requestObject: { data: 'x'.repeat(1000) },
  requestReceivedTimestamp: '',
  stageTimestamp: '',
  annotations: { a: 'b' },
};

it('writes an event a line, without its objects where it would be too long', () => {
  const lines: string[] = [];
  const told: unknown[] = [];
  const write = (maxBytes: number) => lineSink({ write: (line) => void lines.push(line), maxBytes, problem: (_, error) => told.push(error) }).write(event);
  write(10_000);
  write(500);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    event,
    { ...event, requestObject: undefined, annotations: { a: 'b', 'audit.k8s.io/truncated': 'true' } },
  ]);
  expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  write(50);
  expect([lines.length, told]).toEqual([2, [new Error('event a is too large')]]);
});

it('tells of what fails once, and throws nothing', () => {
  const told: unknown[] = [];
  const sink = lineSink({
    write: () => {
      throw new Error('EPIPE');
    },
    maxBytes: 10_000,
    problem: (message) => told.push(message),
  });
  sink.write(event);
  sink.write(event);
  expect(told).toEqual(['audit events cannot be written']);
});
