import { examples, GROUPS, type Verb } from './verb.ts';

/** `logplane credential` */
export const addCredential: Verb = (program, terminal) => {
  const command = program
    .command('credential')
    .helpGroup(GROUPS.tools)
    .description('Print a credential for kubectl, made of a client certificate and its key: for clusters whose TLS ends before the API server.')
    .requiredOption('-c, --certificate <file>', 'the certificate (PEM)')
    .requiredOption('-k, --key <file>', 'its private key (PEM)')
    .option('-s, --server <url>', 'the URL of the cluster (default: what kubectl says it calls)')
    .action(async (options) => {
      const { credential } = await import('../credential.ts');
      const made = await credential(options, { execInfo: terminal.env['KUBERNETES_EXEC_INFO'], now: Date.now() });
      terminal.out(`${JSON.stringify(made)}\n`);
    });
  examples(command, [['credential --certificate anna.pem --key anna.key', 'as the exec plugin of a kubeconfig']]);
};
