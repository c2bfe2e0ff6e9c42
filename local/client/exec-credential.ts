import { execFile } from 'node:child_process';
import path from 'node:path';
import type { ExecPlugin, KubeContext } from './kubeconfig-files.ts';

/** What a credential plugin has given. */
export interface Credential {
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Runs the credential plugin of a kubeconfig, as client-go does (Kubernetes documentation, "Authentication", "client-go credential plugins"). Its messages go to standard error. Throws an Error
 * that says which plugin failed and, where the kubeconfig does, how it is installed.
 */
export async function execCredential(plugin: ExecPlugin, { context, ca, env }: ExecOptions): Promise<Credential> {
  const { command, args = [], env: added = [], apiVersion, provideClusterInfo = false, installHint } = plugin;
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false, ...(provideClusterInfo && { cluster: clusterInfo(context, ca) }) } };
  const named = Object.fromEntries(added.map(({ name, value }) => [name, value]));
  // A path is relative to the kubeconfig; a name alone is looked for in $PATH.
  const program = /[\\/]/.test(command) ? path.resolve(context.userDir, command) : command;
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(program, args, { env: { ...env, ...named, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, maxBuffer: MAX_OUTPUT }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const reason = missing ? 'it is not installed' : stderr.trim() || error.message;
      reject(new Error(`the credential plugin ${command} of ${context.source} failed: ${reason}${missing && installHint ? `\n${installHint.trim()}` : ''}`));
    });
  });
  return credentialIn(stdout, command);
}

interface ExecOptions {
  readonly context: KubeContext;
  /** Of the authority that signed the server's certificate, PEM. */
  readonly ca: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const MAX_OUTPUT = 1024 * 1024;

function credentialIn(output: string, command: string): Credential {
  let status: { token?: string; clientCertificateData?: string; clientKeyData?: string } | undefined;
  try {
    status = (JSON.parse(output) as { status?: typeof status }).status;
  } catch {
    throw new Error(`the credential plugin ${command} does not answer with an ExecCredential`);
  }
  if (!status?.token && !status?.clientCertificateData) throw new Error(`the credential plugin ${command} gives neither a token nor a certificate`);
  return { token: status.token, cert: status.clientCertificateData, key: status.clientKeyData };
}

const clusterInfo = ({ cluster }: KubeContext, ca: string | undefined) => ({
  server: cluster.server,
  ...(cluster['tls-server-name'] && { 'tls-server-name': cluster['tls-server-name'] }),
  ...(cluster['insecure-skip-tls-verify'] && { 'insecure-skip-tls-verify': true }),
  ...(ca !== undefined && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
  ...(cluster['proxy-url'] && { 'proxy-url': cluster['proxy-url'] }),
});
