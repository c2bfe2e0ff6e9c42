import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AuditPolicy } from './policy.ts';
import { auditPolicyFrom } from './policy-file.ts';

/**
 * A policy as the environment of a function carries it: all variables of one together have 4 KB (AWS Lambda Developer Guide, "Quotas"). Throws what `auditPolicyFrom`
 * throws, and for one that is too large.
 */
export function policySetting(text: string): string {
  const packed = deflateRawSync(JSON.stringify(auditPolicyFrom(text))).toString('base64');
  if (packed.length > MOST) throw new Error(`the policy takes ${packed.length} bytes in the environment of a function, which has room for ${MOST}`);
  return packed;
}

const MOST = 3_000;

export const policyOfSetting = (setting: string): AuditPolicy => JSON.parse(inflateRawSync(Buffer.from(setting, 'base64')).toString());
