import { answerStatus } from '../core/api/answers/answers.ts';
import { Cors } from '../core/api/cors.ts';
import { createServer } from '../core/api/server.ts';
import { Page } from '../core/api/ui/page.ts';
import { anyOf, bearerToken } from '../core/auth/authenticator.ts';
import { ClientAssertions } from '../core/auth/client-assertions.ts';
import { ClientCertificates } from '../core/auth/client-certificates.ts';
import { ClusterCredentials } from '../core/auth/cluster-credentials.ts';
import { controlPlaneKeys, trustedAuthorities } from '../core/auth/control-plane-keys.ts';
import { foreignUsers } from '../core/auth/foreign-users.ts';
import { ServiceAccountTokens } from '../core/auth/service-account-tokens.ts';
import { staticTokens } from '../core/auth/static-tokens.ts';
import { figuresOf } from '../core/clusters/figures.ts';
import { withMoments } from '../core/clusters/moments.ts';
import { unauthorized } from '../core/kube/status.ts';
import { MASTERS } from '../core/kube/user.ts';
import type { Replica } from '../core/replica/replica.ts';
import { answer, requestOf, type Sent } from './gateway.ts';
import { BegunClusters } from './open-cluster.ts';
import { auditing, authenticationConfiguration, clockRate, corsOrigins, eksCluster, pageFiles, schedulerProfiles, secrets, wire } from './wiring.ts';

const wiring = wire();
const { tokens, signingKey, previousSigningKeys } = secrets();
const origins = corsOrigins();
const audit = auditing(wiring.problem);
const profiles = schedulerProfiles();
const cors = new Cors(origins);
const clusters = new BegunClusters(wiring, { clockRate: clockRate() });
const { replicaOf } = clusters;
const serviceAccountTokens = new ServiceAccountTokens({ key: signingKey, previousKeys: previousSigningKeys });
const foreign = foreignUsers({
  authentication: authenticationConfiguration(),
  eksCluster: eksCluster(),
  defaultCluster: wiring.defaultCluster,
  ownIssuer: serviceAccountTokens.issuer,
  get: wiring.get,
  problem: wiring.problem,
});
const certificates = new ClientCertificates(trustedAuthorities([signingKey, ...previousSigningKeys]));
const admin = { username: 'logplane-admin', groups: [MASTERS] };

const server = createServer({
  replicaOf,
  defaultCluster: wiring.defaultCluster,
  env: wiring.env,
  admissionPlugins: wiring.admissionPlugins,
  ask: withMoments(wiring.ask, { log: wiring.log, replicaOf }),
  // Only those who ask for a plan wait for what works in a cluster to be read.
  // Events stay in plans, as they say what went wrong.
  reconcilers: async () =>
    (await import('../core/clusters/cluster-reconcilers.ts')).clusterReconcilers({ profiles, keysOf: controlPlaneKeys(signingKey), eventTtlMs: 0 }),
  // A token is pasted, and kept by the page: this host keeps no sessions, of which another container would know nothing.
  page: new Page({ files: pageFiles }),
  corsOrigins: origins,
  ...(audit && { audit }),
  ...(profiles && { schedulerProfiles: profiles }),
  // API Gateway ends TLS, and asks no client for a certificate: who has one signs with its key.
  authenticator: anyOf([staticTokens(Object.fromEntries(tokens.map((token) => [token, admin]))), new ClientAssertions(certificates), foreign]),
  serviceAccountTokens,
  clusterCredentials: new ClusterCredentials({ key: signingKey, previousKeys: previousSigningKeys }),
  clusterFigures: (of) => figuresOf(wiring.log, of, { open: openOf(of), reconcilers: wiring.log.failures.list(of.log) }),
  // A function runs for 15 minutes. A watch ends before, as watches do, and clients go on from where they were.
  limits: { watchSeconds: 14.5 * 60 },
  problem: wiring.problem,
});

/** Where it is the cluster that has this log. */
function openOf({ name, log }: { name: string; log: string }): Replica | undefined {
  const replica = clusters.kept(name);
  return replica?.logName === log ? replica : undefined;
}

/** The API server behind a REST API of API Gateway: one request for an invocation, the answer streamed. */
export const handler = awslambda.streamifyResponse(async (event, stream) => answer(await serve(requestOf(event)), stream));

/** This server is open to the whole internet: a client without a token gets the files of the page, and does not learn, as it would in Kubernetes, whether it is well, which would read the log. */
async function serve({ request, ...sent }: Sent): Promise<Response> {
  if (isOfPage(sent.target) || bearerToken(request.headers.get('authorization')) !== undefined) return server.fetch(request, sent);
  return cors.preflight(request) ?? cors.allow(request, answerStatus(unauthorized().status, { format: { mediaType: 'json', pretty: false }, warnings: [] }));
}

const isOfPage = (target: string): boolean => /^\/ui(?:[/?]|$)/.test(target);
