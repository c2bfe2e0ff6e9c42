import type { AuditSink } from './event.ts';
import { lineWithin } from './truncate.ts';

/** Writes each event as a line, of so many bytes at most: to standard output, which on AWS is CloudWatch. What is in the way is told to the host, once. */
export function lineSink({ write, maxBytes, problem }: LineSinkOptions): AuditSink {
  let toldOf = false;
  const tell = (what: unknown) => {
    if (!toldOf) problem('audit events cannot be written', what);
    toldOf = true;
  };
  return {
    write(event) {
      const line = lineWithin(event, maxBytes);
      if (line === undefined) return tell(new Error(`event ${event.auditID} is too large`));
      try {
        write(`${line}\n`);
      } catch (error) {
        tell(error);
      }
    },
  };
}

interface LineSinkOptions {
  readonly write: (line: string) => void;
  readonly maxBytes: number;
  readonly problem: (message: string, error: unknown) => void;
}
