// A health check: ends with 0 if the server at PORT of 127.0.0.1 answers 200.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT}/health`);
console.log(`the server answered ${answer.status}`);
process.exitCode = answer.ok ? 0 : 1;
