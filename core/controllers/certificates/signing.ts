import type { ControlPlaneKeys } from '../../auth/control-plane-keys.ts';
import type { Env } from '../../env.ts';
import { epochMs } from '../../instant.ts';
import { timestamp } from '../../kube/object.ts';
import type { CertificateSigningRequest } from '../../schema/generated/kinds.ts';
import { type CertificateRequest, certificateRequestOf } from '../../x509/certificate-request.ts';
import { encodeName } from '../../x509/distinguished-name.ts';
import { issue } from '../../x509/issue.ts';
import { pemOf } from '../../x509/pem.ts';
import { type Controller, nothing } from '../controller.ts';
import { CERTIFICATE_CONTROLLER, hasCondition, SIGNING_REQUESTS, statusOfRequest } from './decisions.ts';
import { extendedKeyUsagesOf, keyUsageOf } from './key-usages.ts';
import { kubeletClientProblem, kubeletServingProblem } from './kubelet-certificates.ts';

/** Signs what was approved for one of Kubernetes' own signers (pkg/controller/certificates/signer), or says why it does not. */
export const csrSigning: Controller<CertificateSigningRequest> = {
  name: 'csrsigning',
  actor: CERTIFICATE_CONTROLLER,
  resource: SIGNING_REQUESTS,
  reconcile({ object: request, env, now, keys }) {
    if (!keys || !request || request.status?.certificate || !hasCondition(request, 'Approved') || hasCondition(request, 'Failed')) return nothing;
    const { signerName, usages = [] } = request.spec;
    const problemIn = Object.hasOwn(signers, signerName) ? signers[signerName] : undefined;
    if (!problemIn) return nothing;
    const asked = certificateRequestOf(request.spec.request);
    const message = problemIn(asked, usages);
    if (message !== undefined) {
      const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime: timestamp(now) };
      return { mutations: [statusOfRequest(request, { conditions: [...(request.status?.conditions ?? []), failed] }, 'status')] };
    }
    const certificate = Buffer.from(certificateFor(asked, { spec: request.spec, keys, env })).toString('base64');
    return { mutations: [statusOfRequest(request, { certificate }, 'status')] };
  },
};

/** By the name of the signer: what is wrong with a request, in Kubernetes' words. */
const signers: Readonly<Record<string, (asked: CertificateRequest, usages: readonly string[]) => string | undefined>> = {
  'kubernetes.io/kube-apiserver-client': (_asked, usages) => clientUsagesProblem(usages),
  'kubernetes.io/kube-apiserver-client-kubelet': kubeletClientProblem,
  'kubernetes.io/kubelet-serving': kubeletServingProblem,
  'kubernetes.io/legacy-unknown': () => undefined,
};

function clientUsagesProblem(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !['client auth', 'digital signature', 'key encipherment'].includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

const MINUTE = 60_000;
/** `--cluster-signing-duration`. */
const LONGEST = 365 * 24 * 60 * MINUTE;
/** For clients whose clock is behind. */
const BACKDATED = 5 * MINUTE;
/** What is good for less than this is not cut by that much. */
const SHORT = 8 * 60 * MINUTE;

/** PEM (authority/policies.go, PermissiveSigningPolicy). By the wall clock, as those judge it to whom it is shown: a cluster's own time may stand still, or run ahead. */
function certificateFor(
  asked: CertificateRequest,
  { spec, keys: { authority }, env }: { spec: CertificateSigningRequest['spec']; keys: ControlPlaneKeys; env: Env },
): string {
  const now = epochMs(env.clock.now());
  const lasts = Math.max(10 * MINUTE, Math.min(LONGEST, (spec.expirationSeconds ?? Number.POSITIVE_INFINITY) * 1000));
  const der = issue(
    {
      serialNumber: Buffer.from(env.ids.uid().replaceAll('-', ''), 'hex'),
      issuer: authority.name,
      subject: encodeName(asked.subject),
      publicKey: asked.publicKey,
      notBefore: now - BACKDATED,
      notAfter: Math.min(authority.notAfter, now + (lasts < SHORT ? lasts : lasts - BACKDATED)),
      keyUsage: keyUsageOf(spec.usages ?? []),
      extendedKeyUsages: extendedKeyUsagesOf(spec.usages ?? []),
      isAuthority: false,
      names: asked,
      authorityKey: authority.keyInfo,
    },
    authority.sign,
  );
  return pemOf('CERTIFICATE', der);
}
