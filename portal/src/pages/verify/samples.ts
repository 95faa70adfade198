import { csharp, go, java, kotlin, rust } from './compiled.js';
import type { Filling } from './filling.js';
import { javascript, php, python, ruby, typescript } from './scripts.js';

/** A whole program that receives webhooks, and how to get its libraries. */
export interface Sample {
  id: string;
  language: string;
  install: string;
  code: (filling: Filling) => string;
}

/** By how many people write receivers in them. */
export const SAMPLES: readonly Sample[] = [
  {
    id: 'javascript',
    language: 'JavaScript',
    install: 'npm init -y && npm install svix express && npm pkg set type=module',
    code: javascript,
  },
  {
    id: 'typescript',
    language: 'TypeScript',
    install: 'npm init -y && npm install svix express @types/express && npm pkg set type=module',
    code: typescript,
  },
  { id: 'python', language: 'Python', install: "pip install svix 'fastapi[standard]'", code: python },
  { id: 'go', language: 'Go', install: 'go get github.com/svix/svix-webhooks/go', code: go },
  {
    id: 'java',
    language: 'Java',
    install: "implementation 'com.svix:svix:+'\nimplementation 'org.springframework.boot:spring-boot-starter-web'",
    code: java,
  },
  {
    id: 'kotlin',
    language: 'Kotlin',
    install: 'implementation("com.svix.kotlin:svix-kotlin:+")\nimplementation("io.ktor:ktor-server-cio:+")',
    code: kotlin,
  },
  { id: 'ruby', language: 'Ruby', install: 'gem install svix sinatra rackup puma', code: ruby },
  { id: 'csharp', language: 'C#', install: 'dotnet add package Svix', code: csharp },
  { id: 'php', language: 'PHP', install: 'composer require svix/svix', code: php },
  { id: 'rust', language: 'Rust', install: 'cargo add svix axum && cargo add tokio --features full', code: rust },
];
