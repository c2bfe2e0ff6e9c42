import { apiClient, serverOf } from './api-client.ts';

/** A link that signs in to the page of the host of a kubeconfig, once. Throws `Refused` where the token is none of an administrator, `Unreachable` where the host does not answer. */
export async function signInLink(kubeconfig: string): Promise<string> {
  const { code } = (await apiClient(kubeconfig)('POST', '/ui/code')) as { code: string };
  return `${serverOf(kubeconfig)}/ui/?code=${code}`;
}
