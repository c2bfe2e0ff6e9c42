/** The programs whose calls of the API are made: what charts run to make a Secret, and kubectl. */
const PROGRAMS = new Set(['kubectl', 'kube-webhook-certgen', 'argocd']);

export const isApiProgram = (name: string): boolean => PROGRAMS.has(name);
