import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Audit } from '../core/api/audit/audit-trail.ts';
import { lineSink } from '../core/api/audit/line-sink.ts';
import { auditPolicyFrom } from '../core/api/audit/policy-file.ts';
import { AuditFile } from './audit-file.ts';

/** The flags of kube-apiserver, as the command line has them. */
interface AuditOptions {
  readonly auditPolicyFile?: string;
  readonly auditLogPath?: string;
  /** In megabytes. */
  readonly auditLogMaxsize: number;
  readonly auditLogMaxbackup: number;
  /** In days. */
  readonly auditLogMaxage: number;
}

export interface Auditing {
  readonly audit: Audit;
  /** Resolves once all is written. */
  close(): Promise<void>;
}

/** What requests are audited by; undefined: they are not. Throws for a file that is no policy, and where one half of the setting is missing. */
export function auditingBy(options: AuditOptions, problem: (message: string, error?: unknown) => void): Auditing | undefined {
  const { auditPolicyFile, auditLogPath } = options;
  if (auditPolicyFile === undefined && auditLogPath === undefined) return undefined;
  // kube-apiserver audits nothing then, and says so in its log alone.
  if (auditPolicyFile === undefined) throw new Error('--audit-log-path needs --audit-policy-file: without a policy nothing is audited');
  if (auditLogPath === undefined) throw new Error('--audit-policy-file needs --audit-log-path: there is nowhere to write to');
  const policy = policyIn(auditPolicyFile);
  if (auditLogPath === '-') {
    const sink = lineSink({ write: (line) => void process.stdout.write(line), maxBytes: Number.POSITIVE_INFINITY, problem });
    return { audit: { policy, sink }, close: () => Promise.resolve() };
  }
  const { auditLogMaxsize, auditLogMaxbackup: maxBackups, auditLogMaxage: maxAgeDays } = options;
  const file = new AuditFile({ file: path.resolve(auditLogPath), maxBytes: auditLogMaxsize * 1024 ** 2, maxBackups, maxAgeDays, problem });
  return { audit: { policy, sink: file }, close: () => file.close() };
}

function policyIn(file: string) {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`failed to read file path ${JSON.stringify(file)}: ${(error as Error).message}`);
  }
  try {
    return auditPolicyFrom(text);
  } catch (error) {
    throw new Error(`${(error as Error).message}: from file ${file}`);
  }
}
