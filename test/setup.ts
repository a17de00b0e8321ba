import fc from 'fast-check';

// Messages are compared in English, whatever the machine speaks.
process.env['TANDEM_LANGUAGE'] = 'en';

// A change is judged by itself: where CI is set the made-up inputs are the same each time, elsewhere they are new ones.
if (process.env['CI']) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20261125 });
