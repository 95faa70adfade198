import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledge } from '../lib/acknowledgements.ts';
import { optionsFrom } from '../lib/options.ts';
import { buildStacks } from '../lib/stacks.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const options = optionsFrom(app.node);
acknowledge(buildStacks(app, options), options);
app.synth();
