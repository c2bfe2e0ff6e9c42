/** The keys of service accounts' tokens and of the clusters' certificates: the first signs, the others are still taken. */
export const signingKey = new sst.Secret('LogplaneSigningKey');
