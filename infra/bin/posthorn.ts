import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledge } from '../lib/acknowledgements.ts';
import { optionsFrom } from '../lib/options.ts';
import { PosthornStack } from '../lib/posthorn-stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
acknowledge(new PosthornStack(app, 'Posthorn', optionsFrom(app.node)));
app.synth();
