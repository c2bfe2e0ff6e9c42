import { createPrivateKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CertificateAuthority } from '../core/auth/certificate-authority.ts';
import { encodeName } from '../core/x509/distinguished-name.ts';
import { issue } from '../core/x509/issue.ts';
import { pemOf } from '../core/x509/pem.ts';
import { NO_NAMES } from '../core/x509/subject-alternative-names.ts';
import { using } from './using-file.ts';

/** The local host's server certificate, and that of the authority which signed it: kubectl sends no token over plain HTTP. All PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * The certificates kept in `dir`, or new ones, kept there when a directory is given. New ones are made when the kept ones have less than 30 days left, are not yet valid (the clock was
 * ahead when they were made) or are of another authority. `now` is the wall clock, as clients judge them by theirs. Throws when what is kept does not belong together.
 */
export function certificates({ dir, now, authority }: { dir: string | undefined; now: number; authority: CertificateAuthority }): Certificates {
  const kept = dir && using(dir, () => read(dir));
  const server = kept && serverOf(kept);
  if (kept && !server) throw new Error(`${dir} is damaged: remove it, and the next start makes new certificates and a kubeconfig that trusts them`);
  if (kept && server && authority.isCertificate(kept.ca) && isCurrent(server, now)) return kept;
  const made = make(authority, now);
  if (dir) using(dir, () => keep(dir, made));
  return made;
}

const DAY_MS = 86_400_000;
const VALID_MS = 365 * DAY_MS;

function read(dir: string): Certificates | undefined {
  const text = (name: keyof Certificates) => readFileSync(path.join(dir, `${name}.pem`), 'utf8');
  try {
    return { ca: text('ca'), cert: text('cert'), key: text('key') };
  } catch (error) {
    // What was not kept whole was never used.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The server's certificate; undefined: they do not belong together. */
function serverOf({ ca, cert, key }: Certificates): X509Certificate | undefined {
  try {
    const server = new X509Certificate(cert);
    return server.verify(new X509Certificate(ca).publicKey) && server.checkPrivateKey(createPrivateKey(key)) ? server : undefined;
  } catch {
    return undefined;
  }
}

const isCurrent = ({ validFrom, validTo }: X509Certificate, now: number): boolean => Date.parse(validFrom) <= now && Date.parse(validTo) - now >= 30 * DAY_MS;

/** The CA goes first and comes last: a set that is not whole has none. */
function keep(dir: string, made: Certificates): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  rmSync(path.join(dir, 'ca.pem'), { force: true });
  for (const name of ['key', 'cert', 'ca'] as const) {
    const file = path.join(dir, `${name}.pem`);
    writeFileSync(`${file}.new`, made[name], { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
}

function make(authority: CertificateAuthority, now: number): Certificates {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = issue(
    {
      serialNumber: randomBytes(16),
      issuer: authority.name,
      subject: encodeName({ commonName: 'logplane' }),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      notBefore: now - 3_600_000,
      notAfter: now + VALID_MS,
      keyUsage: DIGITAL_SIGNATURE,
      extendedKeyUsages: [SERVER_AUTH],
      isAuthority: false,
      names: { ...NO_NAMES, dnsNames: ['localhost'], ipAddresses: [Buffer.of(127, 0, 0, 1), Buffer.from(`${'00'.repeat(15)}01`, 'hex')] },
      authorityKey: authority.keyInfo,
    },
    authority.sign,
  );
  return { ca: authority.certificate, cert: pemOf('CERTIFICATE', cert), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

const DIGITAL_SIGNATURE = 1;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
