/// <reference path="./.sst/platform/config.d.ts" />

/**
 * A deployment of Logplane to AWS: `npx sst deploy --stage NAME` (docs/deploy.md). The parts are in infra/, one file for each family of resources.
 */
export default $config({
  app(input) {
    const production = input?.stage === 'production';
    return {
      name: 'logplane',
      home: 'aws',
      // The log is all there is of the clusters: production keeps it even when the deployment is removed.
      removal: production ? 'retain' : 'remove',
      protect: production,
      providers: { aws: { version: '7.20.0' } },
    };
  },
  async run() {
    const { table } = await import('./infra/table.ts');
    await import('./infra/relay.ts');
    await import('./infra/reconcilers.ts');
    await import('./infra/alarms.ts');
    const { server } = await import('./infra/api.ts');
    return { server, table: table.name };
  },
});
