/** The log: every entry of every cluster, and their snapshots (core/log/dynamodb/keys.ts). */
export const table = new sst.aws.Dynamo('LogTable', {
  fields: { cluster: 'string', offset: 'number' },
  primaryIndex: { hashKey: 'cluster', rangeKey: 'offset' },
  // The relay reads what was put, to learn where the entry ends.
  stream: 'new-image',
  // A record that names a time (in seconds since the epoch) goes by then. Entries name none: history is kept.
  ttl: 'expires',
  deletionProtection: $app.protect,
  transform: {
    table: (args) => {
      args.pointInTimeRecovery = { enabled: true };
    },
  },
});
