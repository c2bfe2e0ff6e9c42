/** The log: every entry of every cluster, and their snapshots (core/log/dynamodb/keys.ts). Nothing in it goes by itself after a time (docs/decisions/0013-orphans.md). */
export const table = new sst.aws.Dynamo('LogTable', {
  fields: { cluster: 'string', offset: 'number' },
  primaryIndex: { hashKey: 'cluster', rangeKey: 'offset' },
  // The relay reads what was put, to learn where the entry ends.
  stream: 'new-image',
  deletionProtection: $app.protect,
  transform: {
    table: (args) => {
      args.pointInTimeRecovery = { enabled: true };
    },
  },
});
