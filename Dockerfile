# The published package in an image: docker build -t logplane .
FROM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build

FROM node:24-slim
COPY --from=build /src/dist/logplane /opt/logplane
RUN mkdir /data && chown node:node /data
USER node
# The log and the secrets of the cluster.
VOLUME /data
EXPOSE 7443
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "require('node:https').get({port:7443,path:'/readyz',rejectUnauthorized:false},(r)=>process.exit(r.statusCode===200?0:1)).on('error',()=>process.exit(1))"]
ENTRYPOINT ["node", "/opt/logplane/cli.mjs"]
# In a container only its published ports lead to it.
CMD ["up", "--data", "/data", "--address", "0.0.0.0"]
