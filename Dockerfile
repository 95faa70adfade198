# One image for the API, the worker, migrations, and the compose file's SQS emulator and receiver.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY portal/package.json ./portal/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY portal ./portal
RUN npm run build
# The guides that /docs shows.
COPY docs/*.md ./docs/

# For docker compose's profile "test": the e2e files, beside the running service.
FROM build AS tests
COPY .swcrc jest.config.mjs jest.compose.config.mjs ./
COPY test ./test
ENTRYPOINT ["node", "--experimental-vm-modules", "--disable-warning=ExperimentalWarning", "node_modules/jest/bin/jest.js", "--config", "jest.compose.config.mjs"]

# For the build: plays a release of this build before its image is pushed (docs/rehearsal.md).
FROM build AS rehearsal
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends mariadb-server redis-server \
 && rm -rf /var/lib/apt/lists/*
COPY infra/package.json infra/package-lock.json ./infra/
# Without the Node that laptops get through npm; with the tools, since the hooks' SDK is one of them: Lambda has its own.
RUN npm ci --prefix infra --omit=optional --ignore-scripts --no-audit --no-fund
COPY bench ./bench
COPY test ./test
COPY infra/cdk.json ./infra/
COPY infra/bin ./infra/bin
COPY infra/lib ./infra/lib
COPY infra/hooks ./infra/hooks
COPY infra/pipeline ./infra/pipeline
COPY rehearsal ./rehearsal
COPY taskdef.json appspec.yaml Dockerfile ./
ENTRYPOINT ["node", "--import", "./bench/typescript.mjs", "rehearsal/rehearse.ts", "--short"]

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are the Node that laptops get through npm; this image has its own. The workspace makes the pages of the portal: they
# are built already.
RUN npm ci --omit=dev --omit=optional --workspaces=false --ignore-scripts --no-audit --no-fund
# Before the next step: some licences are .md files.
COPY infra/supply/licences.ts ./infra/supply/
RUN node infra/supply/licences.ts --texts > THIRD-PARTY-LICENCES
# What no running program reads: types, source maps, documents, sources of native code, builds for browsers and other systems.
RUN find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -iname '*.md' -o -iname '*.markdown' \) -delete \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src node_modules/typeorm/browser node_modules/rxjs/src \
 && find node_modules -name '*.node' \( -path '*musl*' -o -path '*darwin*' -o -path '*win32*' \) -delete \
 && rm -rf node_modules/.bin

# The base image without package managers: nobody who breaks in finds a tool to install more. The list of Debian's packages stays, for
# scanners; a shell stays, for ECS Exec.
FROM node:24-bookworm-slim AS system
RUN dpkg --purge --force-remove-essential --force-remove-protected --force-depends $(dpkg-query --show --showformat '${Package}\n' adduser apt 'debconf*' debian-archive-keyring dpkg gpgv 'libapt-pkg*' perl-base) \
 && rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg /usr/local/etc/npmrc /opt/yarn* \
 && rm -rf /etc/apt /etc/dpkg /var/cache/apt /var/cache/debconf /var/lib/apt /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /root/.npm

# One layer: what the stage before has deleted is in no layer below.
FROM scratch
ENV NODE_ENV=production
COPY --from=system / /
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=packages /app/THIRD-PARTY-LICENCES ./THIRD-PARTY-LICENCES
COPY --from=build /app/dist ./dist
COPY --from=build /app/docs ./docs
COPY certificates ./certificates
COPY package.json ./
USER node
# Writable although the root is not: an empty volume takes over owner and mode of the folder that it covers.
VOLUME /tmp
EXPOSE 3000
# Node itself is the process that gets the signals; the health check needs neither a shell nor curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "dist/cli.js", "healthcheck"]
# Room for the young of the heap: 8 MB cost 4 % of the speed, and save 15 MB at rest and 100 MB under load.
ENTRYPOINT ["node", "--max-semi-space-size=8"]
CMD ["dist/main.js"]
