import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { using } from './using-file.ts';

/** Writes a kubeconfig with one context, readable for its owner alone; whole or not at all. */
export function writeKubeconfig(file: string, { server, ca, token, cluster }: { server: string; ca: string; token: string; cluster: string }): void {
  const name = `logplane-${cluster}`;
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
  using(file, () => {
    mkdirSync(path.dirname(file), { recursive: true });
    // The folder may be shared (/tmp): a name that cannot be foreseen, and never a file or link that is there already.
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    try {
      renameSync(draft, file);
    } catch (error) {
      rmSync(draft);
      throw error;
    }
  });
}
