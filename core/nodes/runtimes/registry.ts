import { createHash } from 'node:crypto';
import { type ImageReference, imageName } from '../image.ts';
import type { Credentials, ImageAnswer } from '../runtime.ts';
import { knownImage } from './known-images.ts';
import { isEvidentlyMissing } from './known-programs.ts';

/**
 * What the registries of the world answer, without asking them. Whatever looks like an image is one, but for
 * - hosts under `.invalid`, a domain that never resolves (RFC 2606);
 * - names and tags that say that there is no such thing (`nginx:doesnotexist`, `this-image-does-not-exist`, `web:404`);
 * - versions of Docker's official images that are out of all proportion (`nginx:1.161`), of which only those known here are judged;
 * - what is private, without credentials for its host: Amazon ECR but for what EKS itself runs, Azure's registry, and what is called private.
 */
export function imageOf(reference: ImageReference, credentials: Credentials): ImageAnswer {
  const kept = answers.get(reference);
  if (kept) return kept;
  const answer = answerOf(reference, credentials);
  // What depends on who asks is asked for each time.
  if (!isPrivate(reference.host, reference.repository)) answers.set(reference, answer);
  return answer;
}

const answers = new WeakMap<ImageReference, ImageAnswer>();

function answerOf(reference: ImageReference, credentials: Credentials): ImageAnswer {
  const { host, repository, tag, digest } = reference;
  const name = imageName(reference);
  const [domain] = host.split(':');
  const failure = `failed to pull and unpack image "${name}": failed to resolve reference "${name}": `;
  if (/(^|\.)invalid$/i.test(domain!)) {
    const manifest = `https://${host}/v2/${repository}/manifests/${digest ?? tag}`;
    return { type: 'unavailable', error: `${failure}failed to do request: Head "${manifest}": dial tcp: lookup ${domain}: no such host` };
  }
  if (isEvidentlyMissing(repository) || (isPrivate(host, repository) && !credentials(host))) {
    // A registry does not tell the two apart, so that nobody learns what there is.
    const basic = /\.dkr\.ecr\./.test(host) ? 'authorization failed: no basic auth credentials' : 'server message: insufficient_scope: authorization failed';
    return { type: 'unavailable', error: `${failure}pull access denied, repository does not exist or may require authorization: ${basic}` };
  }
  if (isEvidentlyMissing(tag ?? '') || (knownImage(reference) && repository.startsWith('library/') && isOutOfProportion(tag ?? ''))) {
    return { type: 'unavailable', error: `rpc error: code = NotFound desc = ${failure}${name}: not found` };
  }
  const size = sizeOf(reference, name);
  return { type: 'available', id: `${host}/${repository}@${digest ?? digestOf(name)}`, size, pullMs: LOOKUP_MS + size / BYTES_PER_MS };
}

/** What it takes to ask for a manifest: all that a pull of what is there already takes. */
export const LOOKUP_MS = 200;
/** A hundred megabytes a second, unpacked. */
const BYTES_PER_MS = 100_000;

/** Of an image that is not known: between 10 and 75 MB, always the same. */
function sizeOf(reference: ImageReference, name: string): number {
  const mb = knownImage(reference)?.mb;
  const noise = Number.parseInt(digestOf(name).slice(7, 13), 16);
  return mb === undefined ? 10_000_000 + (noise % 65_000_000) : Math.round(mb * 1_000_000) + (noise % 10_000);
}

const EKS_ACCOUNTS = /^(602401143452|900889452093|877085696533|800184023465|918309763551|961992271922|590381155156|558608220178|151742754352|013241004608)\./;

const isPrivate = (host: string, repository: string): boolean =>
  (/^\d{12}\.dkr[.-]ecr[.-]/.test(host) && !EKS_ACCOUNTS.test(host)) ||
  /\.azurecr\.io$/.test(host) ||
  /(^|[-_./])private([-_./]|$)/.test(`${host}/${repository}`);

/** Years and days are not versions: of a tag, only what reads `major.minor`. */
function isOutOfProportion(tag: string): boolean {
  const [, major, minor] = /^v?(\d+)(?:\.(\d+))?/.exec(tag) ?? [];
  return (major !== undefined && Number(major) >= 90 && Number(major) < 2000) || (minor !== undefined && Number(minor) >= 100 && Number(major) < 2000);
}

/** Nothing is pulled, so there is no manifest to take a digest of. One name has one digest, on every node and at every time. */
const digestOf = (name: string): string => `sha256:${createHash('sha256').update(name).digest('hex')}`;
