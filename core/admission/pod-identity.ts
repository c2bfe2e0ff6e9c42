import type { Container, EnvVar, Pod, PodSpec, ServiceAccount, Volume } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/**
 * Gives the pods of a ServiceAccount that is annotated with an IAM role what the AWS SDKs look for: a token for STS and the variables that say where it is
 * (Amazon EKS User Guide, "IAM roles for service accounts"; aws/amazon-eks-pod-identity-webhook, with the settings that EKS runs it with). It stands where that webhook would be called.
 */
export const podIdentity: AdmissionPlugin = {
  name: 'PodIdentityWebhook',
  mutate(review) {
    const pod = writeTo(review, 'pods', 'CREATE')?.object;
    const { serviceAccountName } = pod?.spec ?? {};
    if (!pod?.spec || !serviceAccountName) return;
    const account = review.state.get('serviceaccounts', review.namespace, serviceAccountName);
    const role = account?.metadata.annotations?.[`${DOMAIN}/role-arn`];
    if (account && role) mount(pod, role, account, review.state);
  },
};

const DOMAIN = 'eks.amazonaws.com';
const VOLUME = 'aws-iam-token';
const MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';

function mount({ spec, metadata }: Pod, role: string, { metadata: { annotations: ofAccount = {} } }: ServiceAccount, state: State): void {
  const ofPod = metadata.annotations ?? {};
  const skipped = skippedIn(ofPod[`${DOMAIN}/skip-containers`]);
  const variables: Variables = {
    regional: booleanOf(ofAccount[`${DOMAIN}/sts-regional-endpoints`]) ?? true,
    region: regionOf(state),
    role,
    tokenFile: isWindows(spec!) ? `C:${MOUNT_PATH}/token`.replaceAll('/', '\\') : `${MOUNT_PATH}/token`,
  };
  for (const container of [...(spec!.initContainers ?? []), ...spec!.containers]) if (!skipped.has(container.name)) equip(container, variables);
  if (spec!.volumes?.some(({ name }) => name === VOLUME)) return;
  const expirationSeconds = secondsOf(ofPod[EXPIRATION]) ?? secondsOf(ofAccount[EXPIRATION]) ?? 86_400;
  spec!.volumes = [tokenVolume(ofAccount[`${DOMAIN}/audience`] ?? 'sts.amazonaws.com', expirationSeconds), ...(spec!.volumes ?? [])];
}

const EXPIRATION = `${DOMAIN}/token-expiration`;

interface Variables {
  /** Whether to ask the STS of the region. */
  readonly regional: boolean;
  readonly region: string | undefined;
  readonly role: string;
  readonly tokenFile: string;
}

/** What a container says itself stays; one that says all of it is left alone. */
function equip(container: Container, { regional, region, role, tokenFile }: Variables): void {
  const said = (...names: string[]) => container.env?.some(({ name }) => names.includes(name)) === true;
  const [identity, place, endpoint] = [said('AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'), said('AWS_REGION', 'AWS_DEFAULT_REGION'), said(ENDPOINTS)];
  if (identity && place && endpoint) return;
  const added: EnvVar[] = [];
  if (!endpoint && regional) added.push({ name: ENDPOINTS, value: 'regional' });
  if (!place && region) added.push({ name: 'AWS_DEFAULT_REGION', value: region }, { name: 'AWS_REGION', value: region });
  if (!identity) added.push({ name: 'AWS_ROLE_ARN', value: role }, { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: tokenFile });
  if (added.length > 0) container.env = [...(container.env ?? []), ...added];
  if (container.volumeMounts?.some(({ name }) => name === VOLUME)) return;
  container.volumeMounts = [...(container.volumeMounts ?? []), { name: VOLUME, readOnly: true, mountPath: MOUNT_PATH }];
}

const ENDPOINTS = 'AWS_STS_REGIONAL_ENDPOINTS';

const tokenVolume = (audience: string, expirationSeconds: number): Volume => ({
  name: VOLUME,
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds, path: 'token' } }] },
});

/** The region that the nodes are in, if any says so. A node that comes or goes changes no decision, so that it is not noted as read. */
const regionOf = (state: State): string | undefined =>
  state
    .observed(undefined)
    .list('nodes')
    .find(({ metadata }) => metadata.labels?.[REGION])?.metadata.labels?.[REGION];

const REGION = 'topology.kubernetes.io/region';

const isWindows = ({ nodeSelector }: PodSpec): boolean => ['kubernetes.io/os', 'beta.kubernetes.io/os'].some((label) => nodeSelector?.[label] === 'windows');

/** An hour is the least that is asked for; what is no number counts for nothing. */
function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d{1,15}$/.test(text) ? Math.max(Number(text), 3_600) : undefined;
}

/** As Go's strconv.ParseBool reads it. */
function booleanOf(text: string | undefined): boolean | undefined {
  if (text !== undefined && /^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  return text !== undefined && /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** Names with commas between them, each of which may be quoted (RFC 4180). */
function skippedIn(text = ''): ReadonlySet<string> {
  const line = text.split(/\r?\n/).find((one) => one !== '') ?? '';
  return new Set([...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))(?=,|$)/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!));
}
