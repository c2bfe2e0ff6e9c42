/** The name of an image in its parts (github.com/distribution/reference, ParseNormalizedNamed). */
export interface ImageReference {
  /** `docker.io`, `public.ecr.aws`, `localhost:5000` */
  readonly host: string;
  /** `library/nginx` */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const HOST = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Takes an image name apart; a name without tag and digest means `latest`. Undefined when it is not a valid reference. A cluster has few names, and asks often. */
export function parseImage(image: string): ImageReference | undefined {
  if (parsed.has(image)) return parsed.get(image);
  if (parsed.size >= MOST_NAMES) parsed.clear();
  const reference = parse(image);
  parsed.set(image, reference);
  return reference;
}

const parsed = new Map<string, ImageReference | undefined>();
const MOST_NAMES = 5_000;

function parse(image: string): ImageReference | undefined {
  const at = image.indexOf('@');
  const digest = at < 0 ? undefined : image.slice(at + 1);
  let name = at < 0 ? image : image.slice(0, at);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  if (colon >= 0) name = name.slice(0, colon);

  // What stands before the first slash is a host only if it looks like one; Docker Hub is meant otherwise.
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const named = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  const host = named ? first : 'docker.io';
  const path = named ? name.slice(slash + 1) : name;
  const repository = host === 'docker.io' && !path.includes('/') ? `library/${path}` : path;

  if (!HOST.test(host) || !REPOSITORY.test(repository)) return undefined;
  if ((tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  return {
    host,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    ...(tag === undefined && !digest && { tag: 'latest' }),
  };
}

/** The whole name, as containerd reports it: `docker.io/library/nginx:1.27`. */
export const imageName = ({ host, repository, tag, digest }: ImageReference): string =>
  `${host}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;

/** What containerd says of an image whose registry does not answer. */
export function unreachable(reference: ImageReference): string {
  const { host, repository, tag, digest } = reference;
  const name = imageName(reference);
  const manifest = `https://${host}/v2/${repository}/manifests/${digest ?? tag}`;
  return `failed to pull and unpack image "${name}": failed to resolve reference "${name}": failed to do request: Head "${manifest}": dial tcp: connect: connection refused`;
}
