/** What is audited of the pods of a request (k8s.io/pod-security-admission/api, constants.go; Kubernetes documentation, "Well-Known Labels, Annotations and Taints"). */

/** Why a request was not looked at: `user`, `namespace`, `runtimeClass`. */
export const EXEMPT = 'pod-security.kubernetes.io/exempt';

/** The level that was enforced. */
export const ENFORCED = 'pod-security.kubernetes.io/enforce-policy';

/** What the audited level would forbid. */
export const AUDITED = 'pod-security.kubernetes.io/audit-violations';

export const ERROR = 'pod-security.kubernetes.io/error';
