import type { AuditEvent } from './event.ts';

/**
 * An event as a line of JSON of so many bytes at most, for what takes no longer ones: without its objects where it has to be, and then it says so
 * (apiserver/plugin/pkg/audit/truncate). Undefined: not even that fits.
 */
export function lineWithin(event: AuditEvent, bytes: number): string | undefined {
  const whole = JSON.stringify(event);
  if (Buffer.byteLength(whole) <= bytes) return whole;
  const { requestObject: _request, responseObject: _response, ...rest } = event;
  const short = JSON.stringify({ ...rest, annotations: { ...event.annotations, 'audit.k8s.io/truncated': 'true' } });
  return Buffer.byteLength(short) <= bytes ? short : undefined;
}
