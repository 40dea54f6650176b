const fs = require('fs');
const os = require('os');
const path = require('path');
const baseConfig = require('@jupyterlab/galata/lib/playwright-config');

// Workers read this file too: they must meet the same engine.
process.env.SMSTUDIO_TEST_HOME ??= fs.mkdtempSync(
  path.join(os.tmpdir(), 'smstudio-ui-')
);
const port = process.env.SMSTUDIO_TEST_PORT ?? '8899';
process.env.TARGET_URL ??= `http://127.0.0.1:${port}`;

module.exports = {
  ...baseConfig,
  testDir: path.join(__dirname, 'tests'),
  timeout: 240_000,
  retries: 0,
  workers: 1,
  reporter: [['list']],
  globalTeardown: path.join(__dirname, 'teardown.js'),
  use: {
    ...baseConfig.use,
    baseURL: process.env.TARGET_URL,
    actionTimeout: 20_000,
    video: 'off',
    trace: 'off',
    launchOptions: {
      executablePath: process.env.SMSTUDIO_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  webServer: {
    command: 'jupyter lab --config jupyter_server_test_config.py',
    cwd: __dirname,
    url: `${process.env.TARGET_URL}/lab`,
    timeout: 180_000,
    stdout: 'ignore',
    stderr: 'ignore',
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    env: {
      ...process.env,
      SMSTUDIO_HOME: path.join(process.env.SMSTUDIO_TEST_HOME, 'engine'),
      SMSTUDIO_TEST_PORT: port
    }
  }
};
