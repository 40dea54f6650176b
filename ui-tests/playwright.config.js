const fs = require('fs');
const os = require('os');
const path = require('path');
const baseConfig = require('@jupyterlab/galata/lib/playwright-config');

// A busy machine is no failure, and waiting longer costs nothing where all is well. Galata's helpers wait 15 s by
// default, also for Lab itself.
const PATIENCE = 60_000;
const galata = require('@jupyterlab/galata/lib/utils');
const { waitForCondition } = galata;
galata.waitForCondition = (condition, timeout = PATIENCE) =>
  waitForCondition(condition, timeout);

// Workers read this file too: they must meet the same engine.
process.env.SMSTUDIO_TEST_HOME ??= fs.mkdtempSync(
  path.join(os.tmpdir(), 'smstudio-ui-')
);
const port = process.env.SMSTUDIO_TEST_PORT ?? '8899';
process.env.TARGET_URL ??= `http://127.0.0.1:${port}`;

module.exports = {
  ...baseConfig,
  testDir: path.join(__dirname, 'tests'),
  timeout: 400_000,
  expect: { timeout: PATIENCE },
  // As Galata's own: a walk that passes at its second try is told as flaky.
  retries: 1,
  workers: 1,
  reporter: [['list']],
  globalTeardown: path.join(__dirname, 'teardown.js'),
  use: {
    ...baseConfig.use,
    baseURL: process.env.TARGET_URL,
    actionTimeout: PATIENCE,
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
      // Profiles of the machine are none of the tests' business; those of AWS write this file themselves.
      AWS_CONFIG_FILE: path.join(process.env.SMSTUDIO_TEST_HOME, 'aws-config'),
      AWS_SHARED_CREDENTIALS_FILE: path.join(
        process.env.SMSTUDIO_TEST_HOME,
        'no-credentials'
      ),
      AWS_EC2_METADATA_DISABLED: 'true',
      SMSTUDIO_TEST_PORT: port
    }
  }
};
