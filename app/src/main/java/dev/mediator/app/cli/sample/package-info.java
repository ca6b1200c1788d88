/**
 * The command {@code sample}, and the folder that it makes. {@link SampleRecord} holds all that is needed to make the same pictures again;
 * {@link SampleFolder} writes and resumes, {@link SampleFolderReader} reads. A picture is saved as soon as it is made, so an interruption
 * loses at most a batch.
 */
@NullMarked
package dev.mediator.app.cli.sample;

import org.jspecify.annotations.NullMarked;
